import { onBeforeUnmount, shallowRef, type Ref } from 'vue'
import { doAct, type Alert, type AlertAct } from '@/api/alert'
import { undoOf, type Undo } from '@/alerts/undo'
import { mayIn } from '@/state/areas'
import { me } from '@/state/me'
import { tell } from '@/ui/tell'

const OFFERED_MS = 20_000

/** The latest act that can still be taken back. */
export interface Undoable {
  act: AlertAct
  alert: Alert
  undo: Undo
}

/** Offers to take back the latest act, for a while. `put` shows the alert as it is after that. */
export function useUndo(put: (alert: Alert) => void): { latest: Readonly<Ref<Undoable | null>>; remember(act: AlertAct, before: Alert, after: Alert): void; takeBack(): Promise<void> } {
  const latest = shallowRef<Undoable | null>(null)
  let timer = 0

  function remember(act: AlertAct, before: Alert, after: Alert): void {
    const undo = undoOf(act, before, after, me.value?.id ?? '', mayIn)
    latest.value = undo === null ? null : { act, alert: after, undo }
    clearTimeout(timer)
    timer = window.setTimeout(() => (latest.value = null), OFFERED_MS)
  }

  async function takeBack(): Promise<void> {
    const done = latest.value
    if (done === null) return
    latest.value = null
    const answer = await doAct(done.alert.id, done.undo.act, done.undo.body).catch(tell)
    if (answer !== undefined) put(answer)
  }

  onBeforeUnmount(() => clearTimeout(timer))
  return { latest, remember, takeBack }
}
