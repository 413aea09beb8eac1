/// <reference types="vite/client" />
import 'vue-router'

declare module 'vue-router' {
  interface RouteMeta {
    /** Which of the two themes the page wears. */
    theme?: 'wall' | 'desk'
    /** Opens without a session. */
    public?: boolean
  }
}
