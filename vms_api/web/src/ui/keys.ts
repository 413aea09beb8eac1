import { onBeforeUnmount, onMounted } from 'vue'

/** Acts on keys while the component lives; never while somebody types, nor together with Ctrl, Alt or Meta. */
export function useKeys(acts: Readonly<Record<string, () => void>>): void {
  const press = (event: KeyboardEvent) => {
    const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key]
    if (act === undefined || event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return
    if (isForFocus(event)) return
    event.preventDefault()
    act()
  }
  onMounted(() => window.addEventListener('keydown', press))
  onBeforeUnmount(() => window.removeEventListener('keydown', press))
}

/** Acts while keys are held, and when the last of them is let go. Modifiers and typing are as in `useKeys`. */
export function useHeldKeys(acts: Readonly<Record<string, () => void>>, released: () => void): void {
  const held = new Set<string>()
  const press = (event: KeyboardEvent) => {
    const act = acts[event.key]
    if (act === undefined || event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target) || isForFocus(event)) return
    event.preventDefault()
    if (event.repeat) return
    held.add(event.code)
    act()
  }
  const letGo = (event: KeyboardEvent) => {
    if (held.delete(event.code) && held.size === 0) released()
  }
  const forget = () => held.clear()
  onMounted(() => {
    window.addEventListener('keydown', press)
    window.addEventListener('keyup', letGo)
    window.addEventListener('blur', forget)
  })
  onBeforeUnmount(() => {
    window.removeEventListener('keydown', press)
    window.removeEventListener('keyup', letGo)
    window.removeEventListener('blur', forget)
  })
}

const WRITTEN = 'input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable], .el-dialog, .el-overlay'
const PRESSED = 'button, a, summary, input, [role="option"]'

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest(WRITTEN) !== null
}

/** The space bar presses what has the focus, and arrows move among choices, before they do anything else. */
function isForFocus({ key, target }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false
  return (key === ' ' && target.closest(PRESSED) !== null) || (key.startsWith('Arrow') && target.closest('input') !== null)
}
