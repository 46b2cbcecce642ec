/**
 * Keeps in place what a person reads while something is added below it. The list counts from its end, so a browser without
 * scroll anchoring (Safari) would move what is read up by what came. The answer stops.
 */
export function createAnchor(list: HTMLElement): () => void {
  const rows = list.firstElementChild;
  if (CSS.supports("overflow-anchor", "auto") || !rows) return () => {};
  let height = rows.clientHeight;
  const watch = new ResizeObserver(() => {
    const grown = rows.clientHeight - height;
    height += grown;
    if (list.scrollTop < -1) list.scrollTop -= grown;
  });
  watch.observe(rows);
  return () => watch.disconnect();
}
