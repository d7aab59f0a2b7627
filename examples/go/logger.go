// SPDX-License-Identifier: MIT

package animaldetect

// Logger is what *slog.Logger of log/slog (Go 1.21) is, and others like it: a message, then keys and values.
type Logger interface {
	Debug(message string, attrs ...any)
	Info(message string, attrs ...any)
	Warn(message string, attrs ...any)
	Error(message string, attrs ...any)
}

// WithLogger hands the records of a level and above to a Logger. See SetLog for when it is called.
func WithLogger(level LogLevel, logger Logger) Option {
	return WithLog(level, func(record Record) {
		tell := logger.Debug
		switch record.Level {
		case LogError:
			tell = logger.Error
		case LogWarning:
			tell = logger.Warn
		case LogInfo:
			tell = logger.Info
		}
		tell(record.Text, record.Attrs()...)
	})
}
