import { ref } from 'vue'
import type { Severity } from '@/api/rule'
import { isBoolean, stored } from '@/state/stored'

interface Note {
  hz: number
  atS: number
  lengthS: number
}

// The graver, the higher and the more often: one soft tone, two, and a falling pair three times.
const MELODIES: Record<Severity, Note[]> = {
  low: [{ hz: 660, atS: 0, lengthS: 0.18 }],
  medium: [
    { hz: 740, atS: 0, lengthS: 0.16 },
    { hz: 988, atS: 0.2, lengthS: 0.22 },
  ],
  high: [0, 0.45, 0.9].flatMap((atS) => [
    { hz: 1175, atS, lengthS: 0.16 },
    { hz: 880, atS: atS + 0.18, lengthS: 0.2 },
  ]),
}
const LOUDNESS: Record<Severity, number> = { low: 0.12, medium: 0.22, high: 0.32 }

let context: AudioContext | null = null

/** Whether the person wants sound; remembered on this machine. */
export const soundIsOn = stored('sound', true, isBoolean)

/** Browsers stay silent until the person has touched the page once; the page says so instead of pretending. */
export const soundIsBlocked = ref(true)

/** To be called from a click or a key. */
export async function allowSound(): Promise<void> {
  context ??= new AudioContext()
  await context.resume()
  soundIsBlocked.value = context.state !== 'running'
}

/** Plays the chime of a severity, drawn by the browser itself: there is no sound file to load. */
export function chime(severity: Severity): void {
  if (!soundIsOn.value || context === null || context.state !== 'running') return
  for (const note of MELODIES[severity]) sing(context, note, LOUDNESS[severity])
}

function sing(audio: AudioContext, note: Note, loudness: number): void {
  const [tone, volume] = [audio.createOscillator(), audio.createGain()]
  const start = audio.currentTime + note.atS
  tone.type = 'triangle'
  tone.frequency.value = note.hz
  volume.gain.setValueAtTime(0, start)
  volume.gain.linearRampToValueAtTime(loudness, start + 0.015)
  volume.gain.exponentialRampToValueAtTime(0.001, start + note.lengthS)
  tone.connect(volume).connect(audio.destination)
  tone.start(start)
  tone.stop(start + note.lengthS + 0.02)
}
