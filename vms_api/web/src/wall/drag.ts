const CAMERA = 'application/x-xueliang-camera'

/** Begins to drag a camera, from the list or from another tile. */
export function dragCamera(event: DragEvent, cameraId: string): void {
  event.dataTransfer?.setData(CAMERA, cameraId)
  if (event.dataTransfer) event.dataTransfer.effectAllowed = 'copyMove'
}

/** Whether what is dragged over is a camera (its id may only be read when it is dropped). */
export function carriesCamera(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes(CAMERA) ?? false
}

export function droppedCamera(event: DragEvent): string | null {
  return event.dataTransfer?.getData(CAMERA) || null
}
