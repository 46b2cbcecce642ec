import { ENGLISH, type Language } from "../strings";
import type { BootOptions } from "./settings";

/** The widget's language: English until the one that is wanted has come. */
export interface Speaking {
  language(): Language;
  /** Idempotent while nothing else is wanted. */
  speak(options: BootOptions): void;
  stop(): void;
}

export function createSpeaking(load: (options: BootOptions) => Promise<Language>, changed: () => void): Speaking {
  let language = ENGLISH;
  let spoken: string | undefined;
  return {
    language: () => language,
    speak: (options) => {
      const wanted = `${options.language}`;
      if (spoken === wanted) return;
      spoken = wanted;
      load(options).then((found) => {
        if (spoken !== wanted) return;
        language = found;
        changed();
      });
    },
    stop: () => {
      spoken = undefined;
    },
  };
}
