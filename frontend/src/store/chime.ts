/** Two soft notes, made by the device itself: no file, no network. Silent where the browser wants a tap first. */

const NOTES_HZ = [660, 880] as const;
const NOTE_S = 0.35;
const LOUDNESS = 0.12;

export function chime(): void {
  try {
    const sound = new AudioContext();
    NOTES_HZ.forEach((pitch_hz, index) => {
      const begin_s = sound.currentTime + index * NOTE_S;
      const note = new OscillatorNode(sound, { frequency: pitch_hz });
      const loudness = new GainNode(sound, { gain: LOUDNESS });
      loudness.gain.setTargetAtTime(0, begin_s + NOTE_S / 2, 0.08);
      note.connect(loudness).connect(sound.destination);
      note.start(begin_s);
      note.stop(begin_s + NOTE_S * 2);
      if (index === NOTES_HZ.length - 1) note.onended = () => void sound.close();
    });
  } catch {
    // No sound on this device: the question stands on the screen all the same.
  }
}
