import { computed, ref, type ComputedRef, type Ref } from 'vue'
import { adoptCameras, examineDevices, type DeviceLogin, type FoundDevice } from '@/api/discovery'
import { ADOPT_BATCH, BATCH, batches, looked, named, rowOf, wanted, willBeTakenIn, type DeviceRow } from '@/discovery/rows'
import { cameras, putCamera } from '@/state/cameras'
import { tell } from '@/ui/tell'

/** The devices that somebody has chosen, while they are looked at and taken in. */
export interface Devices {
  rows: Ref<DeviceRow[]>
  isLooking: Ref<boolean>
  isTaking: Ref<boolean>
  lookedAt: ComputedRef<number>
  /** Begins with other devices; what was seen of those that stay is kept. */
  choose(chosen: readonly { address: string; found: FoundDevice | null }[]): void
  /** Looks at the devices that have not answered yet, a few at a time. */
  look(login: DeviceLogin): Promise<void>
  stopLooking(): void
  takeIn(areaId: string, login: DeviceLogin): Promise<void>
}

export function useDevices(): Devices {
  const rows = ref<DeviceRow[]>([])
  const isLooking = ref(false)
  const isTaking = ref(false)
  const lookedAt = computed(() => rows.value.filter((row) => row.seen !== null).length)
  let isStopped = false

  function choose(chosen: readonly { address: string; found: FoundDevice | null }[]): void {
    rows.value = chosen.map(({ address, found }) => rows.value.find((row) => row.address === address) ?? rowOf(address, found))
  }

  const put = (address: string, change: (row: DeviceRow) => DeviceRow) => {
    rows.value = rows.value.map((row) => (row.address === address ? change(row) : row))
  }

  async function look(login: DeviceLogin): Promise<void> {
    isLooking.value = true
    isStopped = false
    const unseen = rows.value.filter((row) => row.seen === null || row.seen.fault !== null).map((row) => row.address)
    for (const addresses of batches(unseen, BATCH)) {
      if (isStopped) break
      addresses.forEach((address) => put(address, (row) => ({ ...row, seen: null, isLooking: true })))
      const found = await examineDevices(addresses, login).catch(tell)
      addresses.forEach((address) => put(address, (row) => ({ ...row, isLooking: false })))
      if (found === undefined) break // One refusal says enough: the next batch would hear the same.
      found.forEach((seen) => put(seen.address, (row) => looked(row, seen)))
      rows.value = named(rows.value, cameras.value.map((camera) => camera.name))
    }
    isLooking.value = false
  }

  async function takeIn(areaId: string, login: DeviceLogin): Promise<void> {
    isTaking.value = true
    const taken = rows.value.flatMap((row) => {
      const camera = willBeTakenIn(row) ? wanted(row, login) : null
      return camera === null ? [] : [{ address: row.address, camera }]
    })
    for (const batch of batches(taken, ADOPT_BATCH)) {
      const answers = await adoptCameras(areaId, login, batch.map(({ camera }) => camera)).catch(tell)
      if (answers === undefined) break
      answers.forEach((adopted, index) => {
        if (adopted.camera) putCamera(adopted.camera)
        put(batch[index]?.address ?? '', (row) => ({ ...row, adopted }))
      })
    }
    isTaking.value = false
  }

  return { rows, isLooking, isTaking, lookedAt, choose, look, stopLooking: () => void (isStopped = true), takeIn }
}
