import { ref, shallowRef } from 'vue'
import { readSubscription, type Subscription } from '@/api/subscription'

/** While the person's wishes are not known, alerts are heard: silence would be the worse mistake. */
const UNKNOWN: Subscription = { areas: [], severities: ['low', 'medium', 'high'], quiet: [], sound: true, browser: false, email: null }

export const wishes = shallowRef<Subscription>(UNKNOWN)

/** What the browser was told about notifications; many have none at all without HTTPS. */
export const permission = ref<NotificationPermission | 'absent'>('Notification' in window ? Notification.permission : 'absent')

export async function loadWishes(): Promise<void> {
  wishes.value = await readSubscription().catch(() => UNKNOWN)
}

/** To be called from a click: browsers ask nobody else. */
export async function askBrowser(): Promise<void> {
  permission.value = await Notification.requestPermission()
}
