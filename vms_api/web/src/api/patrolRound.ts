import type { Alert } from '@/api/alert'
import type { CameraHealth } from '@/api/camera'
import { API_ROOT, call, listAll, withQuery } from '@/api/client'
import type { PatrolGrid, PatrolQuestion } from '@/api/patrolPlan'

/** Rounds of online patrol: one walk along a plan's stops (`vms_api/patrols`). */
export const ROUND_STATES = ['due', 'running', 'paused', 'completed', 'missed', 'aborted', 'abandoned'] as const
export type RoundState = (typeof ROUND_STATES)[number]

/** What may be judged of a stop, in the order of the keys 1 to 4. */
export const STOP_VERDICTS = ['normal', 'abnormal', 'camera-fault', 'cannot-judge'] as const
export type StopVerdict = (typeof STOP_VERDICTS)[number]

export type Answer = 'yes' | 'no' | null

/** Why a stop could not be looked at. */
export type Unreachable = 'offline' | 'removed' | 'no-right'

export interface RoundStop {
  id: string
  index: number
  camera_id: string
  camera_name: string
  /** It was added on the way. */
  is_extra: boolean
  preset: string | null
  dwell_s: number
  questions: PatrolQuestion[]
  reference_id: string | null
  arrived_at: string | null
  left_at: string | null
  /** Counted by the server: somebody was there, before a picture that moved. */
  present_s: number
  /** The same, whether the picture moved or not. */
  attended_s: number
  verdict: StopVerdict | null
  unreachable: boolean
  unreachable_why: Unreachable | null
  answers: Answer[]
  /** The numbers of the questions that were not answered as expected. */
  unexpected: number[]
  note: string
  snapshot_id: string | null
  alert_id: string | null
  ticket_id: string | null
}

export interface Excuse {
  at: string
  user_name: string | null
  text: string
}

export interface RoundSummary {
  id: string
  plan_id: string
  plan_version: number
  name: string
  area_id: string
  state: RoundState
  due_at: string
  deadline_at: string
  late: boolean
  user_id: string | null
  user_name: string | null
  /** Counts who goes on with it where: an act of an older one is refused. */
  lease_epoch: number
  started_at: string | null
  finished_at: string | null
  /** The index of the stop in hand. */
  current: number
  stop_count: number
  /** So many are judged, or could not be reached. */
  done_count: number
  /** The share of stops that must be done for it to be complete. */
  complete_at: number
  grid: PatrolGrid
  excuses: Excuse[]
}

export interface Round extends RoundSummary {
  stops: RoundStop[]
  history: { at: string; act: string; user_name: string | null; note: string }[]
}

/** What is known of a stop beyond its picture. */
export interface Assist {
  health: CameraHealth
  quality: { category: string }[]
  open_alerts: Alert[]
  open_tickets: { id: string; number: string | number; cause: string }[]
  /** How it was found last time. */
  last: { at: string; verdict: StopVerdict; by: string | null; note: string } | null
  /** Key frames of the hours since then, in order of time. */
  strip: { at: string; picture_url: string }[]
}

/** A camera that is worth a look beside those of the plan. */
export interface Proposal {
  camera_id: string
  camera_name: string
  reasons: ('alert' | 'fault' | 'unseen')[]
}

/** A picture that was kept of a stop. */
export interface ProtocolPicture {
  id: string
  stop_id: string
  taken_at: string
  captured_at: string | null
  taken_by: string | null
  sha256: string
  url: string
}

/** What is printed of a round. */
export interface Protocol {
  round: Round
  area_name: string
  findings: { verdicts: Record<StopVerdict, number>; unreachable: number; open: number; unexpected_answers: number }
  present_s: number
  planned_s: number
  pictures: ProtocolPicture[]
  read_at: string
  read_by: string | null
}

/** What is on the screen. `input`: it was touched since that was told last. */
export interface Presence {
  visible: boolean
  playing: boolean
  input: boolean
}

export interface RoundFilter {
  state?: readonly RoundState[]
  area_id?: string
  mine?: boolean
}

const place = (id: string) => `/patrol-rounds/${id}`
const stopPlace = (id: string, stopId: string) => `${place(id)}/stops/${stopId}`

export function listRounds({ state = [], ...filter }: RoundFilter): Promise<RoundSummary[]> {
  return listAll(state.reduce((path, one) => withQuery(path, { state: one }), withQuery('/patrol-rounds', { ...filter })))
}
/** What waits for the caller: asked by plan or roster, or in hand; the next deadline first. */
export const listPrompts = () => listAll<RoundSummary>('/patrol-prompts')
export const readRound = (id: string) => call<Round>('GET', place(id))
export type RoundAct = 'take' | 'pause' | 'resume' | 'finish'
/** `epoch` is the lease of the round as this screen has it; taking and resuming give a new one. */
export const actOnRound = (id: string, act: RoundAct, epoch: number) =>
  call<Round>('POST', `${place(id)}/${act}`, act === 'take' || act === 'resume' ? undefined : { lease_epoch: epoch })
export const abortRound = (id: string, note: string) => call<Round>('POST', `${place(id)}/abort`, { note })
export const handOverRound = (id: string, userId: string, note: string) => call<Round>('POST', `${place(id)}/hand-over`, { user_id: userId, note })
export const arriveAt = (id: string, stopId: string, epoch: number) => call<RoundStop>('POST', `${stopPlace(id, stopId)}/arrive`, { lease_epoch: epoch })
export const tellPresence = (id: string, stopId: string, epoch: number, presence: Presence) =>
  call<RoundStop>('POST', `${stopPlace(id, stopId)}/presence`, { lease_epoch: epoch, ...presence })
export const judgeStop = (id: string, stopId: string, epoch: number, verdict: { verdict: StopVerdict; answers: Answer[]; note: string }) =>
  call<RoundStop>('POST', `${stopPlace(id, stopId)}/verdict`, { lease_epoch: epoch, ...verdict })
export const takeSnapshot = (id: string, stopId: string, epoch: number) => call<RoundStop>('POST', `${stopPlace(id, stopId)}/snapshot`, { lease_epoch: epoch })
/** To whom it can be handed over. */
export const listHeirs = (id: string) => call<{ id: string; username: string }[]>('GET', `${place(id)}/people`)
export const readProtocol = (id: string) => call<Protocol>('GET', `${place(id)}/protocol`)
export const readAssist = (id: string, stopId: string) => call<Assist>('GET', `${stopPlace(id, stopId)}/assist`)
export const listProposals = (id: string) => call<Proposal[]>('GET', `${place(id)}/proposals`)
export const addStop = (id: string, cameraId: string, epoch: number) => call<RoundStop>('POST', `${place(id)}/stops`, { lease_epoch: epoch, camera_id: cameraId })
export const excuseRound = (id: string, text: string) => call<Round>('POST', `${place(id)}/excuses`, { text })
export const qualityPictureAddress = (id: string) => `${API_ROOT}/quality-pictures/${id}`
/** The picture that was confirmed as how the camera should look; null: none was. */
export async function readReference(cameraId: string): Promise<string | null> {
  const { reference } = await call<{ reference: { id: string; state: 'proposed' | 'confirmed' } | null }>('GET', `/cameras/${cameraId}/quality`)
  return reference?.state === 'confirmed' ? reference.id : null
}
