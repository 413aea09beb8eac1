import * as leaflet from 'leaflet'
import { planAddress, type Bounds, type MapGround } from '@/api/overview'
import { bareMap } from '@/place/grid'
import { ClusterLayer } from '@/overview/clusterLayer'
import { fieldOf, type Cluster, type Field, type Spot } from '@/overview/clusters'

/** How near one camera is looked at. */
const NEAR = 17
const FINEST = 20

/** The map of the site: tiles and drawings as far as there are any, and all cameras above them. */
export class SiteGround {
  readonly #map: leaflet.Map
  readonly #clusters = new ClusterLayer()
  readonly #plans = leaflet.layerGroup()
  #drawn: leaflet.LatLngBounds[] = []
  #tiles: leaflet.TileLayer | null = null

  constructor(element: HTMLElement, picked: (cluster: Cluster | undefined) => void) {
    this.#map = bareMap(element, { zoomAnimation: false, attributionControl: true })
    this.#map.attributionControl.setPrefix(false)
    this.#plans.addTo(this.#map)
    this.#map.setView([35, 105], 4)
    this.#clusters.addTo(this.#map)
    this.#map.on('click', ({ containerPoint }) => picked(this.#clusters.at(containerPoint)))
    this.#map.on('mousemove', ({ containerPoint }) => {
      this.#map.getContainer().style.cursor = this.#clusters.at(containerPoint) ? 'pointer' : ''
    })
  }

  /** Lays tiles and drawings under the cameras. */
  lay({ tiles, plans }: MapGround): void {
    this.#tiles?.remove()
    this.#tiles = tiles && leaflet.tileLayer(tiles.url, { minNativeZoom: tiles.min_zoom, maxNativeZoom: tiles.max_zoom, maxZoom: FINEST, attribution: textOf(tiles.attribution) }).addTo(this.#map)
    this.#plans.clearLayers()
    this.#drawn = plans.map(({ bounds }) => leafletBounds(bounds))
    for (const plan of plans) leaflet.imageOverlay(planAddress(plan), leafletBounds(plan.bounds), { className: 'plan' }).addTo(this.#plans)
  }

  show(spots: readonly Spot[], chosen: string | null): void {
    this.#clusters.show(spots, chosen)
  }

  /** Brings them all into view, as near to the middle of their drawing as that lets it; the country while there are none. */
  fit(spots: readonly Spot[]): void {
    const field = fieldOf(spots)
    this.#map.invalidateSize()
    if (field === null) return
    const wanted = boundsOf(field).pad(0.15)
    this.#map.fitBounds(wanted, { maxZoom: NEAR })
    const drawn = this.#drawn.find((plan) => plan.contains(boundsOf(field)))
    if (drawn === undefined) return
    const { lat, lng } = drawn.getCenter()
    this.#lookAt({ ...this.#map.getCenter(), lng }, wanted)
    this.#lookAt({ ...this.#map.getCenter(), lat }, wanted)
  }

  /** Looks there, unless what is wanted is not wholly seen from there. */
  #lookAt(place: leaflet.LatLngLiteral, wanted: leaflet.LatLngBounds): void {
    const before = this.#map.getCenter()
    this.#map.panTo(place, { animate: false })
    if (!this.#map.getBounds().contains(wanted)) this.#map.panTo(before, { animate: false })
  }

  /** Goes nearer to a group; false when it is as near as can be, so that its cameras stand in one place. */
  approach({ spots }: Cluster): boolean {
    const before = this.#map.getZoom()
    const field = fieldOf(spots)
    if (field === null || before >= FINEST || (field.left === field.right && field.top === field.bottom)) return false
    this.#map.fitBounds(boundsOf(field).pad(0.2), { maxZoom: FINEST })
    if (this.#map.getZoom() === before) this.#map.setZoom(before + 1)
    return true
  }

  /** Brings one into the middle, near enough to stand alone. */
  centre({ x, y }: Spot): void {
    this.#map.setView(pointOf(x, y), Math.max(this.#map.getZoom(), NEAR))
  }

  /** What is seen now, degrees to the sixth decimal. */
  get bounds(): Bounds {
    const seen = this.#map.getBounds()
    const round = (degrees: number) => Math.round(degrees * 1e6) / 1e6
    return { south: round(seen.getSouth()), west: round(seen.getWest()), north: round(seen.getNorth()), east: round(seen.getEast()) }
  }

  resize(): void {
    this.#map.invalidateSize()
  }

  close(): void {
    this.#map.remove()
  }
}

const leafletBounds = ({ south, west, north, east }: Bounds) => leaflet.latLngBounds([south, west], [north, east])

/** From the plane back to degrees, the inverse of `onPlane`. */
const pointOf = (x: number, y: number): leaflet.LatLngTuple => [(Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI, (x - 0.5) * 360]

const boundsOf = ({ left, top, right, bottom }: Field) => leaflet.latLngBounds(pointOf(left, bottom), pointOf(right, top))

/** Leaflet takes text for HTML. */
function textOf(text: string): string {
  const element = document.createElement('span')
  element.textContent = text
  return element.innerHTML
}
