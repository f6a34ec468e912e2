// Happened-before: an event's causal past and future.

const PAST = 1;
const FUTURE = 2;
const SELF = 3;

// For each event: is it in the past or the future of this one? What led to an event is its cause,
// and what its node did before.
function causality(run, event) {
  const marks = new Uint8Array(run.count);
  let [past, future] = [0, 0];
  if (event < 0 || event >= run.count) return { marks, past, future };
  marks[event] = SELF;
  for (let i = event; i >= 0; i--) {
    if (marks[i] === 0) continue;
    if (i !== event) past++;
    for (const earlier of [run.cause[i], run.before[i]]) {
      if (earlier >= 0 && marks[earlier] === 0) marks[earlier] = PAST;
    }
  }
  const follows = (i) => i >= 0 && (marks[i] === SELF || marks[i] === FUTURE);
  for (let i = event + 1; i < run.count; i++) {
    if (follows(run.cause[i]) || follows(run.before[i])) {
      marks[i] = FUTURE;
      future++;
    }
  }
  return { marks, past, future };
}

// The chain of causes that led to an event, itself first.
function chainOf(run, event) {
  const chain = [];
  for (let i = event; i >= 0 && chain.length < 200; i = run.cause[i]) chain.push(i);
  return chain;
}
