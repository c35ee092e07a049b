namespace LexyHub.Core.Imports;

/// <summary>The file as a whole, or an option, cannot be used; nothing was imported. The message says what to do.</summary>
public sealed class ImportException(string message) : Exception(message);
