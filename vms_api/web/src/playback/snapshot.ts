import { pastSnapshotAddress } from '@/api/recording'
import { readProblem, unreachable } from '@/api/problem'
import { fieldText } from '@/playback/range'
import { withPurpose } from '@/purpose/asking'

/** Saves the camera's picture of the moment as a file; throws `ApiError` when there is none. */
export async function saveSnapshot(camera: { id: string; name: string }, atMs: number): Promise<void> {
  const blob = await withPurpose(camera.id, async () => {
    const response = await fetch(pastSnapshotAddress(camera.id, atMs), { credentials: 'same-origin' }).catch(() => null)
    if (response === null) throw unreachable()
    if (!response.ok) throw await readProblem(response)
    return response.blob()
  })
  const address = URL.createObjectURL(blob)
  saveFile(address, `${camera.name} ${fieldText(atMs).replaceAll(':', '-')}.jpg`)
  URL.revokeObjectURL(address)
}

/** Has the browser save what lies at the address. Without a name the server says how the file is called. */
export function saveFile(address: string, name = ''): void {
  const link = document.createElement('a')
  Object.assign(link, { href: address, download: name })
  link.click()
}
