import type { TrackBox } from '@/live/tracks'

/** How boxes are drawn: colours of the theme and the word for each class. */
export interface BoxStyle {
  colour: string
  ink: string
  word(label: string): string
}

/** The part of an element that the picture covers under `object-fit: contain`, in the element's pixels. */
export function pictureRect(element: { width: number; height: number }, picture: { width: number; height: number }) {
  const scale = Math.min(element.width / picture.width, element.height / picture.height)
  const [width, height] = [picture.width * scale, picture.height * scale]
  return { left: (element.width - width) / 2, top: (element.height - height) / 2, width, height }
}

/** Draws the boxes over the picture. A track that is not sure yet is dashed; one that is lost is not there to be drawn. */
export function drawBoxes(canvas: HTMLCanvasElement, video: HTMLVideoElement, boxes: readonly TrackBox[], style: BoxStyle): void {
  const pen = canvas.getContext('2d')
  if (pen === null || video.videoWidth === 0) return
  fitPixels(canvas)
  pen.clearRect(0, 0, canvas.width, canvas.height)
  const rect = pictureRect(canvas, { width: video.videoWidth, height: video.videoHeight })
  const ratio = canvas.width / Math.max(1, canvas.clientWidth)
  pen.lineWidth = 2 * ratio
  pen.font = `600 ${12 * ratio}px sans-serif`
  for (const box of boxes.filter(isThere)) drawBox(pen, rect, box, style, ratio)
}

const isThere = (track: TrackBox): boolean => track.state === 'tentative' || track.state === 'confirmed'

type Rect = ReturnType<typeof pictureRect>

function drawBox(pen: CanvasRenderingContext2D, rect: Rect, track: TrackBox, style: BoxStyle, ratio: number): void {
  const [l, t, r, b] = track.box
  const [x, y] = [rect.left + l * rect.width, rect.top + t * rect.height]
  pen.strokeStyle = pen.fillStyle = style.colour
  pen.setLineDash(track.state === 'confirmed' ? [] : [6 * ratio, 4 * ratio])
  pen.strokeRect(x, y, (r - l) * rect.width, (b - t) * rect.height)
  const word = style.word(track.label)
  const [width, height] = [pen.measureText(word).width + 8 * ratio, 17 * ratio]
  const labelTop = Math.max(rect.top, y - height)
  pen.fillRect(x - pen.lineWidth / 2, labelTop, width, height)
  pen.fillStyle = style.ink
  pen.fillText(word, x + 3 * ratio, labelTop + 13 * ratio)
}

function fitPixels(canvas: HTMLCanvasElement): void {
  const [width, height] = [canvas.clientWidth, canvas.clientHeight].map((size) => Math.round(size * devicePixelRatio))
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height })
}
