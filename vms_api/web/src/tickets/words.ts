import type { Ticket } from '@/api/ticket'
import { i18n } from '@/i18n'
import { codedText } from '@/i18n/coded'

const { t } = i18n.global

/** What is wrong, and with what. */
export const ticketName = (ticket: Ticket): string => `${t(`tickets.causeOf.${ticket.cause}`)} · ${placeText(ticket)}`

/** What it is about: a camera, or how many that went together, a disk, the node. */
export function placeText(ticket: Ticket): string {
  if (ticket.subject.startsWith('area:')) return t('tickets.together', { name: ticket.camera_name, count: ticket.camera_count })
  if (ticket.subject.startsWith('host:')) return t('tickets.togetherOn', { name: ticket.camera_name, count: ticket.camera_count })
  return ticket.cause === 'node' ? t('tickets.ofNode') : ticket.camera_name
}

/** How far it has come, and who has it. */
export function standingText(ticket: Ticket): string {
  const who = ticket.contractor?.name ?? ticket.assignee
  const state = t(`tickets.stateOf.${ticket.state}`)
  return who === null ? state : `${state} · ${who}`
}

/** What was measured, a line for each fact that the page knows. */
export function factTexts({ facts }: Ticket): { name: string; text: string }[] {
  return Object.entries(facts).map(([name, value]) => ({ name: nameOf(name), text: valueOf(name, value) }))
}

const KNOWN = ['fault', 'reason', 'offset_s', 'differs', 'volume_state', 'problem', 'node_state', 'value', 'threshold', 'score', 'demo'] as const
type Known = (typeof KNOWN)[number]
const isKnown = (name: string): name is Known => (KNOWN as readonly string[]).includes(name)

const nameOf = (name: string): string => (isKnown(name) ? t(`tickets.fact.${name}`) : name)

function valueOf(name: string, value: string | number): string {
  if (typeof value === 'number') return i18n.global.n(value, { maximumFractionDigits: 2 })
  return name === 'fault' || name === 'reason' ? codedText('fault', value) : value
}
