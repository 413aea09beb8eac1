import { ElMessageBox } from 'element-plus'
import { i18n } from '@/i18n'

/** Asks before something that others feel; the safe answer is the one that Escape and Enter-by-habit give. */
export async function askFirst(question: string, act: string): Promise<boolean> {
  const asked = ElMessageBox.confirm(question, act, {
    confirmButtonText: act,
    cancelButtonText: i18n.global.t('act.cancel'),
    confirmButtonClass: 'el-button--danger',
    autofocus: false,
  })
  return asked.then(
    () => true,
    () => false,
  )
}

/** Asks before something is deleted. */
export const askRemoval = (question: string): Promise<boolean> => askFirst(question, i18n.global.t('act.remove'))
