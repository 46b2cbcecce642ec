/** A browser's ways to a visitor who looks away; see attention.ts. */

import { play, type Tone } from "../browser/tone";
import { createAttention, type MakeAttention } from "./attention";

const BLINK_MS = 1_500;
const CHIME: Tone = { low: 587, high: 784, rises: 0.1, ends: 0.4, loudness: 0.06 };

let audio: AudioContext | undefined;

/** What calls for a visitor on this page. */
export const attendTo: MakeAttention = (ports, options) => createAttention(ports, { chime, blink }, options);

function chime(): void {
  // Without a press on this page there would be no sound, only a warning in the shop's console.
  if (!navigator.userActivation?.hasBeenActive) return;
  audio ??= new AudioContext();
  play(audio, CHIME);
}

function blink(words: string): () => void {
  let own = "";
  const turn = () => {
    // What the page has written there meanwhile is its title now.
    if (document.title !== words) own = document.title;
    document.title = document.title === words ? own : words;
  };
  turn();
  const timer = setInterval(turn, BLINK_MS);
  return () => {
    clearInterval(timer);
    if (document.title === words) document.title = own;
  };
}
