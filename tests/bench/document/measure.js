// Reads `{"handler", "event", "calls"}`, a line each, and answers each with the CPU seconds of all calls and what one of them logged.
const readline = require("node:readline");

let logged = 0;
for (const name of ["log", "error"]) {
  const write = (...words) => {
    logged += Buffer.byteLength(`${words.map((word) => (typeof word === "string" ? word : JSON.stringify(word))).join(" ")}\n`);
  };
  console[name] = write;
}

async function measure({ handler, event, calls }) {
  const { handler: handle } = require(`./${handler}`);
  logged = 0;
  const begun = process.cpuUsage();
  let answer;
  for (let call = 0; call < calls; call++) answer = await handle(event);
  const { user, system } = process.cpuUsage(begun);
  return { seconds: (user + system) / 1e6, logged: logged / calls, answer };
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(await measure(JSON.parse(line)))}\n`);
  }
}

main();
