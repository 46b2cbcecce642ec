export interface Tone {
  /** The two pitches, in hertz. */
  readonly low: number;
  readonly high: number;
  /** When it rises and when it has faded, in seconds. */
  readonly rises: number;
  readonly ends: number;
  /** Of 1 at most. */
  readonly loudness: number;
}

/** Plays a tone that rises once and fades. */
export function play(audio: AudioContext, { low, high, rises, ends, loudness }: Tone): void {
  const sound = audio.createOscillator();
  const volume = audio.createGain();
  const { currentTime } = audio;
  sound.frequency.setValueAtTime(low, currentTime);
  sound.frequency.setValueAtTime(high, currentTime + rises);
  volume.gain.setValueAtTime(loudness, currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, currentTime + ends);
  sound.connect(volume).connect(audio.destination);
  sound.start();
  sound.stop(currentTime + ends);
}
