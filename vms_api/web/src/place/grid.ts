import * as leaflet from 'leaflet'
import type { Position } from '@/place/position'

export interface Mark {
  position: Position
  name: string
  isOwn: boolean
}

const NEAR = 17
const CELL = 64
/** More names than these would cover the map and each other; they are shown where the pointer is. */
const MOST_NAMED = 60

/** A map without pictures of the ground: a grid with a scale. Maps of the site itself come with local tiles. */
export class PlaceGrid {
  readonly #map: leaflet.Map
  readonly #marks = leaflet.layerGroup()

  constructor(element: HTMLElement, picked: (position: Position) => void) {
    this.#map = bareMap(element)
    this.#marks.addTo(this.#map)
    this.#map.on('click', ({ latlng }) => picked({ longitude: latlng.lng, latitude: latlng.lat }))
  }

  show(marks: readonly Mark[]): void {
    this.#marks.clearLayers()
    const permanent = marks.length <= MOST_NAMED
    // A name stands on the side of its mark that is nearer the middle: at the edge it would be cut.
    for (const { position, name, isOwn } of marks) {
      const style = isOwn ? { radius: 9, weight: 3, fillOpacity: 0.9, className: 'own' } : { radius: 6, weight: 2, fillOpacity: 0.4, className: 'other' }
      leaflet.circleMarker(pointOf(position), style).bindTooltip(textNode(name), { permanent, direction: 'auto', offset: [8, 0] }).addTo(this.#marks)
    }
  }

  /** Brings all of it into view. */
  fit(marks: readonly Mark[]): void {
    const [only] = marks
    if (only === undefined) return
    this.#map.invalidateSize() // It may have been hidden meanwhile.
    if (marks.length === 1) this.#map.setView(pointOf(only.position), NEAR)
    else this.#map.fitBounds(leaflet.latLngBounds(marks.map(({ position }) => pointOf(position))).pad(0.3), { maxZoom: NEAR })
  }

  close(): void {
    this.#map.remove()
  }
}

/** A map with nothing on it but a grid and a scale. */
export function bareMap(element: HTMLElement, options: leaflet.MapOptions = {}): leaflet.Map {
  const map = leaflet.map(element, { attributionControl: false, minZoom: 3, maxZoom: 20, zoomControl: true, ...options })
  new leaflet.GridLayer({ tileSize: CELL, className: 'grid' }).addTo(map)
  leaflet.control.scale({ imperial: false, maxWidth: 160 }).addTo(map)
  return map
}

const pointOf = ({ longitude, latitude }: Position): leaflet.LatLngTuple => [latitude, longitude]

/** Names are people's words, and Leaflet takes text for HTML. */
function textNode(name: string): HTMLElement {
  const element = document.createElement('span')
  element.textContent = name
  return element
}
