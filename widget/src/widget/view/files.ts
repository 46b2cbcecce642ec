/** What is dropped or pasted beside text: a browser would leave the shop for a dropped file, and drop a pasted one. */
export function refuseFiles(refused: () => void) {
  const refuse = (event: DragEvent | ClipboardEvent) => {
    const carried = "dataTransfer" in event ? event.dataTransfer : (event as ClipboardEvent).clipboardData;
    const types = carried?.types ?? [];
    // Text that was copied in a word processor has a picture of itself beside it.
    if (!types.includes("Files") || (event.type === "paste" && types.includes("text/plain"))) return;
    event.preventDefault();
    if (event.type !== "dragover") refused();
  };
  return { onDragOver: refuse, onDrop: refuse, onPaste: refuse };
}
