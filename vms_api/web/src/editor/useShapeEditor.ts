import { computed, ref, shallowRef, type ComputedRef, type Ref } from 'vue'
import type { Point } from '@/api/zone'
import { History } from '@/editor/history'
import { closed, crossesItself, emptyShape, hasEnough, inserted, moved, withPoint, without, type Shape } from '@/editor/shape'

/** A drawing under way: the shape, the selected point, and acts that can be undone. */
export interface ShapeEditor {
  shape: Readonly<Ref<Shape>>
  selected: Ref<number | null>
  canUndo: Readonly<Ref<boolean>>
  isSavable: ComputedRef<boolean>
  crosses: ComputedRef<boolean>
  add(at: Point): void
  close(): void
  insert(index: number, at: Point): void
  remove(index: number): void
  /** Begins a drag: the shape before it is one step of the undo. */
  grab(index: number): void
  drag(to: Point): void
  nudge(dx: number, dy: number): void
  undo(): void
  clear(): void
}

export function useShapeEditor(start: Shape): ShapeEditor {
  const shape = shallowRef(start)
  const selected = ref<number | null>(null)
  const canUndo = ref(false)
  const steps = new History<Shape>()
  const crosses = computed(() => crossesItself(shape.value))

  const keep = () => {
    steps.keep(shape.value)
    canUndo.value = true
  }
  const become = (next: Shape) => {
    if (next === shape.value) return
    keep()
    shape.value = next
  }
  const drag = (to: Point) => {
    if (selected.value !== null) shape.value = moved(shape.value, selected.value, to)
  }
  return {
    shape,
    selected,
    canUndo,
    crosses,
    isSavable: computed(() => hasEnough(shape.value) && !crosses.value),
    add: (at) => become(withPoint(shape.value, at)),
    close: () => become(closed(shape.value)),
    insert: (index, at) => {
      become(inserted(shape.value, index, at))
      selected.value = index + 1
    },
    remove: (index) => {
      become(without(shape.value, index))
      selected.value = null
    },
    grab: (index) => {
      selected.value = index
      keep()
    },
    drag,
    nudge: (dx, dy) => {
      const at = selected.value === null ? undefined : shape.value.points[selected.value]
      if (at === undefined) return
      keep()
      drag([at[0] + dx, at[1] + dy])
    },
    undo: () => {
      shape.value = steps.undo() ?? shape.value
      selected.value = null
      canUndo.value = steps.canUndo
    },
    clear: () => {
      become(emptyShape(shape.value.kind))
      selected.value = null
    },
  }
}
