import * as leaflet from 'leaflet'
import { clusterAt, clustersAt, type Cluster, type Spot, within, worldPixels } from '@/overview/clusters'
import { MARK, paintCluster, paletteOf, radiusOf, type Palette } from '@/overview/painter'

/** A mark half outside is drawn too. */
const EDGE = 40
const REACH = 24

/** Ten thousand cameras on one canvas: what lies in view is drawn anew with every step of the map. */
export class ClusterLayer extends leaflet.Layer {
  readonly #canvas = document.createElement('canvas')
  #spots: readonly Spot[] = []
  #clusters: readonly Cluster[] = []
  #zoom = -1
  #chosen: string | null = null
  #palette: Palette | null = null

  constructor() {
    super()
    this.#canvas.className = 'clusters leaflet-zoom-hide'
    this.#canvas.setAttribute('aria-hidden', 'true')
  }

  override onAdd(map: leaflet.Map): this {
    map.getPanes().markerPane.append(this.#canvas)
    this.#palette = paletteOf(map.getContainer())
    map.on('move zoomend viewreset resize', this.#draw, this)
    this.#draw()
    return this
  }

  override onRemove(map: leaflet.Map): this {
    map.off('move zoomend viewreset resize', this.#draw, this)
    this.#canvas.remove()
    return this
  }

  /** Shows these cameras, one of them as chosen. */
  show(spots: readonly Spot[], chosen: string | null): void {
    if (spots !== this.#spots) this.#zoom = -1
    this.#spots = spots
    this.#chosen = chosen
    this.#draw()
  }

  /** What is drawn at a place of the map's box. */
  at(point: leaflet.Point): Cluster | undefined {
    const { left, top, size } = this.#view()
    return clusterAt(this.#clusters, left + point.x / size, top + point.y / size, REACH / size)
  }

  /** Where the box begins on the plane of the world, and how many pixels the whole world has. */
  #view(): { left: number; top: number; size: number } {
    const origin = this._map.getPixelBounds().min ?? leaflet.point(0, 0)
    const size = worldPixels(this._map.getZoom())
    return { left: origin.x / size, top: origin.y / size, size }
  }

  #draw(): void {
    const context = this.#canvas.getContext('2d')
    if (this._map === undefined || this._map === null || context === null || this.#palette === null) return
    const zoom = this._map.getZoom()
    if (zoom !== this.#zoom) [this.#clusters, this.#zoom] = [clustersAt(this.#spots, zoom), zoom]
    const { x: width, y: height } = this._map.getSize()
    this.#fit(width, height)
    context.clearRect(0, 0, width, height)
    Object.assign(context, { textAlign: 'center', textBaseline: 'middle', font: `600 12px ${this.#palette.font}` })
    const { left, top, size } = this.#view()
    const seen = { left: left - EDGE / size, top: top - EDGE / size, right: left + (width + EDGE) / size, bottom: top + (height + EDGE) / size }
    for (const cluster of this.#clusters) {
      if (!within(cluster, seen)) continue
      const [x, y] = [(cluster.x - left) * size, (cluster.y - top) * size]
      paintCluster(context, cluster, x, y, this.#palette)
      if (this.#chosen !== null && cluster.spots.some(({ id }) => id === this.#chosen)) this.#frame(context, x, y, radiusOf(cluster), this.#palette)
    }
  }

  /** The canvas stays over the map's box while the panes below it wander. */
  #fit(width: number, height: number): void {
    leaflet.DomUtil.setPosition(this.#canvas, this._map.containerPointToLayerPoint([0, 0]))
    const scale = devicePixelRatio
    if (this.#canvas.width === width * scale && this.#canvas.height === height * scale) return
    Object.assign(this.#canvas, { width: width * scale, height: height * scale })
    Object.assign(this.#canvas.style, { width: `${width}px`, height: `${height}px`, pointerEvents: 'none' })
    this.#canvas.getContext('2d')?.scale(scale, scale)
  }

  #frame(context: CanvasRenderingContext2D, x: number, y: number, radius: number, palette: Palette): void {
    context.beginPath()
    context.arc(x, y, Math.max(radius, MARK) + 5, 0, 2 * Math.PI)
    context.strokeStyle = palette.accent
    context.lineWidth = 3
    context.stroke()
  }
}
