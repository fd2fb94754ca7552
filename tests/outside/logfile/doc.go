// Package logfile keeps users, sessions, keys and attempts in one file that is only ever appended to, and in memory: a
// store of one process, for as many users as memory holds. Private keys are in it as they come; put sealing before it.
//
// A write is one record: a line of JSON after its checksum. It has happened once the line is on the disk, and is seen by
// nobody before. So a process that is killed leaves whole records and at most one torn line at the end, which was never
// acknowledged: opening cuts it off. Damage before that is an error, never cut. Opening writes the file anew, as short as
// it can be, and locks it against a second process.
package logfile
