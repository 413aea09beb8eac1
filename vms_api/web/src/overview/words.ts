import type { RouteLocationRaw } from 'vue-router'
import type { Trouble } from '@/api/overview'
import { codedText } from '@/i18n/coded'
import { i18n } from '@/i18n'

/** What is wrong, in the words of its own kind. */
export function troubleText({ kind, code, name }: Trouble): string {
  const { t, te } = i18n.global
  if (kind === 'camera') return te(`state.${code}`) ? t(`state.${code}`) : codedText('fault', code)
  if (kind === 'ticket') return t(`tickets.causeOf.${code}`)
  if (kind === 'recording') return t(`recording.problem.${code}`, { name })
  if (kind === 'volume') return t(`recording.volumeState.${code}`)
  if (kind === 'node') return t(`system.nodeState.${code}`)
  return name
}

/** Where it is handled. */
export function troublePlace({ kind, subject_id, camera_id }: Trouble): RouteLocationRaw {
  if (kind === 'alert' && subject_id !== null) return { path: '/alerts', query: { id: subject_id } }
  if (kind === 'camera' && camera_id !== null) return { path: `/cameras/${camera_id}`, query: { tab: 'health' } }
  if (kind === 'ticket') return { path: '/tickets', query: { id: subject_id } }
  if (kind === 'patrol') return '/patrol'
  return '/system'
}
