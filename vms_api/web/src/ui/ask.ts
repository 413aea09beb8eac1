import { ElMessageBox } from 'element-plus'
import { i18n } from '@/i18n'

/** Asks before something is deleted; the safe answer is the one that Escape and Enter-by-habit give. */
export async function askRemoval(question: string): Promise<boolean> {
  const { t } = i18n.global
  const asked = ElMessageBox.confirm(question, t('act.remove'), {
    confirmButtonText: t('act.remove'),
    cancelButtonText: t('act.cancel'),
    confirmButtonClass: 'el-button--danger',
    autofocus: false,
  })
  return asked.then(
    () => true,
    () => false,
  )
}
