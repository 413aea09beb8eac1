import type { Camera, CameraIn } from '@/api/camera'

/** The camera form as it is typed: texts are never null, and `forgetsPassword` is a decision of its own. */
export interface CameraForm {
  areaId: string
  name: string
  address: string
  subAddress: string
  transport: 'tcp' | 'udp'
  username: string
  password: string
  forgetsPassword: boolean
  enabled: boolean
  analysed: boolean
}

/** A new camera begins in `areaId`. */
export function formOf(camera: Camera | null, areaId = ''): CameraForm {
  return {
    areaId: camera?.area_id ?? areaId,
    name: camera?.name ?? '',
    address: camera?.address ?? '',
    subAddress: camera?.sub_address ?? '',
    transport: camera?.transport ?? 'tcp',
    username: camera?.username ?? '',
    password: '',
    forgetsPassword: false,
    enabled: camera?.enabled ?? true,
    analysed: camera?.analysed ?? true,
  }
}

/** What is sent: an untouched password field keeps the stored password, so it is left out. */
export function cameraOf(form: CameraForm): CameraIn {
  return {
    area_id: form.areaId,
    name: form.name.trim(),
    address: form.address.trim(),
    sub_address: form.subAddress.trim() || null,
    transport: form.transport,
    username: form.username.trim() || null,
    ...passwordOf(form),
    enabled: form.enabled,
    analysed: form.analysed,
  }
}

/** Which fields are missing, before the server is asked. The server has the last word on what an address may be. */
export function missing(form: CameraForm): { area: boolean; name: boolean; address: boolean } {
  return { area: form.areaId === '', name: form.name.trim() === '', address: !/^rtsp:\/\/./i.test(form.address.trim()) }
}

function passwordOf(form: CameraForm): Pick<CameraIn, 'password'> {
  if (form.forgetsPassword) return { password: null }
  return form.password === '' ? {} : { password: form.password }
}
