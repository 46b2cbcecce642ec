import { useEffect, useRef, useState } from "preact/hooks";

export interface Toast {
  readonly id: string;
  readonly text: string;
  /** Instead of the usual time. */
  readonly lastsMs?: number;
  readonly action?: { readonly label: string; readonly run: () => void };
}

export interface ToastBox {
  readonly toasts: readonly Toast[];
  /** Shows a sentence for some seconds, in place of an earlier one with the same id. */
  show(toast: Toast): void;
  hide(id: string): void;
}

const SHOWN_MS = 6_000;

export function useToasts(): ToastBox {
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  const timers = useRef(new Map<string, ReturnType<typeof setTimeout>>());
  useEffect(
    () => () => {
      for (const timer of timers.current.values()) clearTimeout(timer);
    },
    [],
  );
  const hide = (id: string) => {
    clearTimeout(timers.current.get(id));
    timers.current.delete(id);
    setToasts((shown) => shown.filter((toast) => toast.id !== id));
  };
  const show = (toast: Toast) => {
    clearTimeout(timers.current.get(toast.id));
    timers.current.set(
      toast.id,
      setTimeout(() => hide(toast.id), toast.lastsMs ?? SHOWN_MS),
    );
    setToasts((shown) => [...shown.filter(({ id }) => id !== toast.id), toast]);
  };
  return { toasts, show, hide };
}

export function Toasts({ toasts, hide }: Pick<ToastBox, "toasts" | "hide">) {
  return (
    <div class="toasts" role="status">
      {toasts.map(({ id, text, action }) => (
        <p key={id} class="toast">
          <span>{text}</span>
          {action && (
            <button
              type="button"
              class="link"
              onClick={() => {
                hide(id);
                action.run();
              }}
            >
              {action.label}
            </button>
          )}
          <button type="button" class="link" aria-label="Dismiss" onClick={() => hide(id)}>
            ×
          </button>
        </p>
      ))}
    </div>
  );
}
