import { ElMessage } from 'element-plus'
import { problemText } from '@/i18n/coded'

/** Tells the person of a failed request, for the places that have no line of their own for it. */
export function tell(error: unknown): undefined {
  ElMessage({ message: problemText(error), type: 'error', duration: 6000, showClose: true, grouping: true })
}
