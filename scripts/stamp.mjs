/** Run by npm after an install by hand, so that the next `npm start` knows that there is nothing to install. */
import { markInstalled } from './bootstrap/install.mjs'
import { ROOT } from './bootstrap/run.mjs'

markInstalled(ROOT)
