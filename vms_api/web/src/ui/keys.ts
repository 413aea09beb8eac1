import { onBeforeUnmount, onMounted } from 'vue'

/** Acts on keys while the component lives; never while somebody types, nor together with Ctrl, Alt or Meta. */
export function useKeys(acts: Readonly<Record<string, () => void>>): void {
  const press = (event: KeyboardEvent) => {
    const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key]
    if (act === undefined || event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return
    if (event.key === ' ' && isPressed(event.target)) return
    event.preventDefault()
    act()
  }
  onMounted(() => window.addEventListener('keydown', press))
  onBeforeUnmount(() => window.removeEventListener('keydown', press))
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable], .el-dialog, .el-overlay') !== null
}

/** The space bar presses what has the focus, before it does anything else. */
function isPressed(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('button, a, summary, [role="option"]') !== null
}
