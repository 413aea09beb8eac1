import { watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'

/** Hands over the one-time token of the address (`#token=…`), also when a link is opened in a page already here, and
 * takes it out of the address at once: it stays neither in the history nor on the screen. */
export function useLinkToken(take: (token: string) => void): void {
  const route = useRoute()
  const router = useRouter()
  const look = (hash: string) => {
    const token = new URLSearchParams(hash.slice(1)).get('token')
    if (token === null) return
    void router.replace({ path: route.path, query: route.query, hash: '' })
    take(token)
  }
  watch(() => route.hash, look, { immediate: true })
}
