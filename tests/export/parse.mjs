// Reads every diagram of a folder with Mermaid's own parser, and prints an object: for each file
// either its actors and how many arrows and notes it has, or why it is refused.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import mermaid from "mermaid";

const folder = process.argv[2];
const results = {};
for (const name of readdirSync(folder).sort()) {
  const text = readFileSync(join(folder, name), "utf8");
  try {
    // The first diagram of a kind is what makes Mermaid load its parser.
    await mermaid.parse(text);
    const { db, type } = await mermaid.mermaidAPI.getDiagramFromText(text);
    const messages = db.getMessages();
    const notes = messages.filter(({ placement }) => placement !== undefined).length;
    results[name] = {
      type,
      actors: db.getActorKeys(),
      notes,
      arrows: messages.length - notes,
      texts: messages.map(({ message }) => message),
    };
  } catch (error) {
    results[name] = { refused: String(error.message ?? error) };
  }
}
console.log(JSON.stringify(results));
