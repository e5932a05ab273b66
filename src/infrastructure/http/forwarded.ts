/** What proxies add: whoever sends one of them does not come from where the connection comes from. */
export const FORWARDED = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip'];
