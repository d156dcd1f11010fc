/** Where links lead that let somebody in. */
export const WELCOME_PATH = '/welcome'
