// What changed from one list of lines to another.

// More comparisons than this, and all lines in between count as changed.
const MOST_COMPARED = 1_000_000;

// A list of [sign, line]: " " for what stayed, "-" for what went, "+" for what came.
function changes(before, after) {
  let [head, tail] = [0, 0];
  const shorter = Math.min(before.length, after.length);
  while (head < shorter && before[head] === after[head]) head++;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  const same = (line) => [" ", line];
  const middle = between(before.slice(head, before.length - tail), after.slice(head, after.length - tail));
  return [
    ...before.slice(0, head).map(same),
    ...middle,
    ...before.slice(before.length - tail).map(same),
  ];
}

function between(before, after) {
  const [rows, columns] = [before.length, after.length];
  const replaced = () => [...before.map((line) => ["-", line]), ...after.map((line) => ["+", line])];
  if (rows === 0 || columns === 0 || rows * columns > MOST_COMPARED) return replaced();
  // The length of the longest common part of what is left from each pair of places on.
  const width = columns + 1;
  const common = new Uint16Array((rows + 1) * width);
  for (let row = rows - 1; row >= 0; row--) {
    for (let column = columns - 1; column >= 0; column--) {
      const here = row * width + column;
      common[here] = before[row] === after[column]
        ? common[here + width + 1] + 1
        : Math.max(common[here + width], common[here + 1]);
    }
  }
  const result = [];
  let [row, column] = [0, 0];
  while (row < rows || column < columns) {
    const here = row * width + column;
    if (row < rows && column < columns && before[row] === after[column]) {
      result.push([" ", before[row]]);
      row++;
      column++;
    } else if (row < rows && (column === columns || common[here + width] >= common[here + 1])) {
      result.push(["-", before[row++]]);
    } else {
      result.push(["+", after[column++]]);
    }
  }
  return result;
}
