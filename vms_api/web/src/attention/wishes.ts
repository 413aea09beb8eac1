import { ref, shallowRef } from 'vue'
import { readMyNotifications, type Notifications } from '@/api/notify'

/** While the person's wishes are not known, alerts are heard: silence would be the worse mistake. */
const UNKNOWN: Notifications = { areas: [], severities: ['low', 'medium', 'high'], quiet: [], sound: true, browser: false, email: null }

export const wishes = shallowRef<Notifications>(UNKNOWN)

/** What the browser was told about notifications; many have none at all without HTTPS. */
export const permission = ref(permissionNow())

export async function loadWishes(): Promise<void> {
  permission.value = permissionNow()
  wishes.value = await readMyNotifications().catch(() => UNKNOWN)
}

/** To be called from a click: browsers ask nobody else. */
export async function askBrowser(): Promise<void> {
  permission.value = await Notification.requestPermission()
}

function permissionNow(): NotificationPermission | 'absent' {
  return 'Notification' in window ? Notification.permission : 'absent'
}
