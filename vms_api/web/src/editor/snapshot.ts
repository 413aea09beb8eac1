import { snapshotAddress } from '@/api/camera'
import { readProblem, unreachable } from '@/api/problem'

export interface Snapshot {
  /** An object URL: to be revoked when the picture is no longer shown. */
  address: string
  width: number
  height: number
  capturedAt: string | null
}

/** The camera's picture of now; throws `ApiError` when it has none. */
export async function readSnapshot(cameraId: string): Promise<Snapshot> {
  const response = await fetch(snapshotAddress(cameraId), { credentials: 'same-origin' }).catch(() => null)
  if (response === null) throw unreachable()
  if (!response.ok) throw await readProblem(response)
  const blob = await response.blob()
  const { width, height } = await createImageBitmap(blob)
  return { address: URL.createObjectURL(blob), width, height, capturedAt: response.headers.get('X-Captured-At') }
}
