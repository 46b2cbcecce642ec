import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

interface Props {
  readonly label: string;
  readonly closed: () => void;
  readonly children: ComponentChildren;
}

/** A dialog over the page, with its heading and a button that closes it; Escape does so, too. */
export function Sheet({ label, closed, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal?.(), []);
  return (
    <dialog ref={dialog} class="sheet" aria-label={label} onClose={closed}>
      <h2>{label}</h2>
      {children}
      <button type="button" class="secondary" onClick={() => dialog.current?.close()}>
        Close
      </button>
    </dialog>
  );
}
