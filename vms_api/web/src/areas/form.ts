import type { Area, AreaIn, AreaKind, Centre } from '@/api/area'

/** The area form as it is typed: texts are never null. */
export interface AreaForm {
  parentId: string
  name: string
  kind: AreaKind
  code: string
  /** An area whose centre has no name has none. */
  centreName: string
  centrePhone: string
}

const KIND_BELOW: Record<AreaKind, AreaKind> = { city: 'township', township: 'village', village: 'other', other: 'other' }

/** A new area below another begins as what usually lies there: townships below a city, villages below a township. */
export function formBelow(parent: Area): AreaForm {
  return { parentId: parent.id, name: '', kind: KIND_BELOW[parent.kind], code: '', centreName: '', centrePhone: '' }
}

export function formOf(area: Area): AreaForm {
  return {
    ...{ parentId: area.parent_id ?? '', name: area.name, kind: area.kind, code: area.code ?? '' },
    ...{ centreName: area.centre?.name ?? '', centrePhone: area.centre?.phone ?? '' },
  }
}

export function areaOf(form: AreaForm): AreaIn {
  const centre = form.centreName.trim() === '' ? null : { name: form.centreName.trim(), phone: form.centrePhone.trim() || null }
  return { parent_id: form.parentId, name: form.name.trim(), kind: form.kind, code: form.code.trim() || null, centre }
}

/** What has to be sent to turn the area into what was typed; the parent only if the area moves. */
export function changesOf(area: Area, form: AreaForm): Partial<AreaIn> {
  const wanted = areaOf(form)
  const moves = wanted.parent_id !== '' && wanted.parent_id !== area.parent_id
  return {
    ...(moves ? { parent_id: wanted.parent_id } : {}),
    ...(wanted.name === area.name ? {} : { name: wanted.name }),
    ...(wanted.kind === area.kind ? {} : { kind: wanted.kind }),
    ...(wanted.code === area.code ? {} : { code: wanted.code }),
    ...(isSameCentre(wanted.centre, area.centre) ? {} : { centre: wanted.centre }),
  }
}

const isSameCentre = (a: Centre | null, b: Centre | null): boolean => a?.name === b?.name && a?.phone === b?.phone

/** Digits as in GB/T 2260 and GB/T 10114; empty is allowed. */
export const isCode = (text: string): boolean => /^(\d{2,12})?$/.test(text.trim())

/** What the server takes: digits, grouped as one likes. Empty is allowed. */
export const isPhone = (text: string): boolean => /^(\+?\d[\d ()-]{1,28}\d)?$/.test(text.trim())
