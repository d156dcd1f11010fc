/** Where links lead that make an account, or set a new password. */
export const WELCOME_PATH = '/welcome'
/** Where links lead that sign this browser in. */
export const SIGN_IN_PATH = '/sign-in'
