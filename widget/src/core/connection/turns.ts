/** Runs one after the other what must not be under way twice, also after one that failed. */
export function createTurns() {
  let last: Promise<unknown> = Promise.resolve();
  return <Result>(run: () => Promise<Result>): Promise<Result> => {
    const done = last.then(run, run);
    last = done;
    return done;
  };
}
