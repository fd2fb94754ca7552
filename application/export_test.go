package application

// NewID makes what names a token, a session or a user.
var NewID = newID

// Bucket names a bucket of tries.
var Bucket = bucket
