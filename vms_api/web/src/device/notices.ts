import type { DeviceNotice } from '@/api/device'

type Ear = (notice: DeviceNotice) => void

const ears = new Map<string, Set<Ear>>()

/** Hears what the device of a camera notices, until the answer is called. */
export function hearNotices(cameraId: string, ear: Ear): () => void {
  const listening = ears.get(cameraId) ?? new Set()
  ears.set(cameraId, listening.add(ear))
  return () => void listening.delete(ear)
}

export const passNotice = (cameraId: string, notice: DeviceNotice): void => ears.get(cameraId)?.forEach((ear) => ear(notice))
