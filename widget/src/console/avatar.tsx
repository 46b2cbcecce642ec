interface Props {
  readonly name: string;
  /** What gives the colour: the same for one person everywhere. */
  readonly id: string;
}

const HUES = 12;

/** Initials on a colour that tells one person from another. */
export function Avatar({ name, id }: Props) {
  const initials = name
    .split(/\s+/)
    .map((word) => [...word][0] ?? "")
    .slice(0, 2)
    .join("");
  return (
    <span class="avatar" aria-hidden="true" style={{ "--hue": `${hueOf(id)}` }}>
      {initials.toLocaleUpperCase()}
    </span>
  );
}

/** In degrees, and far enough from each other to be told apart. */
export function hueOf(id: string): number {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  return (sum % HUES) * (360 / HUES);
}
