import { ref } from 'vue'
import { readSystem, type NodeState, type SystemStatus } from '@/api/system'

export const system = ref<SystemStatus | null>(null)

export async function loadSystem(): Promise<void> {
  system.value = await readSystem()
}

/** A node that comes up may bring another detector, so the whole status is read again. */
export function putNodeState(state: NodeState): void {
  if (system.value !== null) system.value.node.state = state
  loadSystem().catch(() => undefined) // The event itself was applied; the details follow with the next one.
}
