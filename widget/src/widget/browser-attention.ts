/** A browser's ways to a visitor who looks away; see attention.ts. */

const BLINK_MS = 1_500;

let audio: AudioContext | undefined;

export function chime(): void {
  // Without a press on this page there would be no sound, only a warning in the shop's console.
  if (!navigator.userActivation?.hasBeenActive) return;
  audio ??= new AudioContext();
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  const { currentTime } = audio;
  tone.frequency.setValueAtTime(587, currentTime);
  tone.frequency.setValueAtTime(784, currentTime + 0.1);
  volume.gain.setValueAtTime(0.06, currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, currentTime + 0.4);
  tone.connect(volume).connect(audio.destination);
  tone.start();
  tone.stop(currentTime + 0.4);
}

export function blink(words: string): () => void {
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
