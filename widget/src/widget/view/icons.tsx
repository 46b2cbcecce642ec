const PATHS = {
  chat: "M12 3c5 0 9 3.5 9 8s-4 8-9 8c-1 0-2-.1-2.9-.4L4 20.5l1.4-3.9C3.9 15.1 3 13.1 3 11c0-4.5 4-8 9-8Z",
  minimize: "m6 9 6 6 6-6",
  more: "M12 5h.01M12 12h.01M12 19h.01",
  send: "M5 12 20 4.5l-4.5 15-4-6.5zM11.5 13 20 4.5",
} as const;

export function Icon({ name }: { readonly name: keyof typeof PATHS }) {
  return (
    <svg class={`icon ${name}`} viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
